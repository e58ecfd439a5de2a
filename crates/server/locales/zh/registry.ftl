# Who is official: applications, vetting, the public list.
