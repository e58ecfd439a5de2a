use touchstone_types::words;

words! {
    /// What a member of staff is there for.
    Role, "role" {
        /// Reviews verdicts, writes rules.
        Analyst = "analyst",
        /// Answers users.
        Agent = "agent",
        /// Answers for the desk.
        Lead = "lead",
        /// Vets official identities.
        IdentityOfficer = "identity_officer",
        /// Answers complaints.
        ComplaintsOfficer = "complaints_officer",
        /// Runs the installation.
        Administrator = "administrator",
    }
}

words! {
    /// One thing that not everybody on the staff may do.
    Permission, "permission" {
        /// See verdicts with the events they are about.
        ReadVerdicts = "read_verdicts",
        /// Confirm, overturn or escalate one verdict.
        Review = "review",
        /// Decide many verdicts in one act.
        ReviewInBulk = "review_in_bulk",
        /// Undo an act of somebody else.
        UndoOthers = "undo_others",
        /// Take labelled events out of the installation.
        ExportLabels = "export_labels",
        /// See the policy.
        ReadPolicy = "read_policy",
        /// Put a policy forward to run in shadow.
        ProposePolicy = "propose_policy",
        /// Make a policy live.
        ActivatePolicy = "activate_policy",
        /// Propose a change to the registry of official identities.
        ProposeIdentity = "propose_identity",
        /// Approve such a change of somebody else.
        ApproveIdentity = "approve_identity",
        /// Talk to users as a listed agent, once bound to one.
        TalkToUsers = "talk_to_users",
        /// Say as which listed agent somebody talks.
        BindAgent = "bind_agent",
        /// Write announcements, publish and withdraw them.
        WriteAnnouncement = "write_announcement",
        /// Agree to an announcement of somebody else.
        ApproveAnnouncement = "approve_announcement",
        /// See the queue of cases, take one and answer.
        WorkCases = "work_cases",
        /// See every clock and every load, hand cases over, act on many at once.
        LeadCases = "lead_cases",
        /// Read who has read which case.
        ReadTrail = "read_trail",
        /// Say what somebody can do, and when they are on duty.
        SetDuty = "set_duty",
        /// See complaints.
        ReadComplaints = "read_complaints",
        /// Answer complaints.
        AnswerComplaints = "answer_complaints",
        /// See who works here.
        ReadStaff = "read_staff",
        /// Invite, disable, and change roles.
        ManageStaff = "manage_staff",
        /// Make and revoke API keys.
        ManageKeys = "manage_keys",
        /// Read and verify the audit trail.
        ReadAudit = "read_audit",
    }
}

words! {
    /// What an API key opens.
    Scope, "scope" {
        /// Send events and get their verdicts.
        EventsWrite = "events:write",
        /// Read and follow verdicts.
        VerdictsRead = "verdicts:read",
        /// Take labelled events out.
        LabelsRead = "labels:read",
        /// Begin live conversations and prove messages that are sent in them.
        SessionsWrite = "sessions:write",
        /// Report for a user whom the operator vouches for, and read what became of it.
        ReportsWrite = "reports:write",
        /// Say what became of an action that the operator's systems were asked for, and end a freeze.
        ActionsWrite = "actions:write",
        /// Everything the API can do.
        Admin = "admin",
    }
}

/// Whether the role has the permission: the one place where it is decided.
///
/// No role has all: who runs the installation reviews nothing, who reviews runs nothing.
/// A person may have several roles, as the first one in a small installation does.
#[must_use]
pub const fn may(role: Role, permission: Permission) -> bool {
    use Permission as P;
    match role {
        Role::Analyst => matches!(
            permission,
            P::ReadVerdicts
                | P::Review
                | P::ReviewInBulk
                | P::ExportLabels
                | P::ReadPolicy
                | P::ProposePolicy
        ),
        Role::Agent => matches!(permission, P::ReadVerdicts | P::Review | P::TalkToUsers | P::WorkCases),
        Role::Lead => matches!(
            permission,
            P::ReadVerdicts
                | P::Review
                | P::ReviewInBulk
                | P::UndoOthers
                | P::ExportLabels
                | P::ReadPolicy
                | P::ProposePolicy
                | P::ActivatePolicy
                | P::TalkToUsers
                | P::WriteAnnouncement
                | P::ApproveAnnouncement
                | P::WorkCases
                | P::LeadCases
                | P::ReadTrail
                | P::SetDuty
                | P::ReadComplaints
                | P::ReadStaff
                | P::ReadAudit
        ),
        Role::IdentityOfficer => matches!(
            permission,
            P::ReadVerdicts
                | P::ReadPolicy
                | P::ProposeIdentity
                | P::ApproveIdentity
                | P::BindAgent
                | P::WriteAnnouncement
                | P::ApproveAnnouncement
        ),
        Role::ComplaintsOfficer => {
            matches!(
                permission,
                P::ReadVerdicts
                    | P::WorkCases
                    | P::ReadTrail
                    | P::ReadComplaints
                    | P::AnswerComplaints
                    | P::ReadAudit
            )
        }
        Role::Administrator => matches!(
            permission,
            P::ReadVerdicts
                | P::ReadPolicy
                | P::ActivatePolicy
                | P::ReadStaff
                | P::ManageStaff
                | P::ManageKeys
                | P::ReadAudit
        ),
    }
}

/// Whether one of somebody's roles has the permission.
#[must_use]
pub fn one_may(roles: &[Role], permission: Permission) -> bool {
    roles.iter().any(|role| may(*role, permission))
}

/// Who may do what, one line a permission: held against `tests/who-may.txt`, so that a wider
/// permission shows up in review.
#[must_use]
pub fn who_may() -> String {
    let mut table =
        String::from("# Who may do what. A change here is a change of authority: say why in the commit.\n");
    for &permission in Permission::ALL {
        let roles = Role::ALL.iter().filter(|role| may(**role, permission)).map(|role| role.name());
        let roles: Vec<_> = roles.collect();
        table.push_str(&format!("{:<21}{}\n", permission.name(), roles.join(" ")));
    }
    table
}

/// Whether the scopes open what needs `wanted`.
#[must_use]
pub fn opens(scopes: &[Scope], wanted: Scope) -> bool {
    scopes.contains(&wanted) || scopes.contains(&Scope::Admin)
}
