# The page that says whether there are enough people.

nav-staffing = Staffing
staffing-title = Are there enough people?
staffing-zone = All times are those of { $zone }.
staffing-sentence = { $first }; { $then }
staffing-now = { $agents ->
    [one] With one agent { $share } % of theft reports are answered within { $minutes } minutes
   *[other] With { $agents } agents { $share } % of theft reports are answered within { $minutes } minutes
  }
staffing-nobody = Nobody is planned or on duty now
staffing-enough = nobody more is needed in the next 24 hours.
staffing-need-now = you need { $needed } now.
staffing-need-from = you need { $needed } from { $time }.
staffing-hopeless = no number of agents keeps the promise, because writing an answer takes longer than it allows.
staffing-would = { $agents ->
    [one] With one agent { $share } % would be answered within { $minutes } minutes
   *[other] With { $agents } agents { $share } % would be answered within { $minutes } minutes
  }
staffing-would-need = { $share } % takes { $needed }.
staffing-short-title = The desk will be too small
staffing-short = From { $from } to { $to }: { $planned } planned, { $needed } needed.
staffing-short-hopeless = From { $from } to { $to }: { $planned } planned, and no number of agents keeps the promise.
staffing-empty-title = Nothing was counted yet
staffing-empty = As soon as reports come in, this page says how many agents they take, hour by hour. Below you can reckon with numbers of your own and plan shifts already.
staffing-chart = The next 24 hours: planned and needed
staffing-chart-text = Bars are agents planned in each hour, the line is how many it takes. The table below has the same numbers.
staffing-bar = { $time }: { $planned } planned, { $needed } needed
staffing-key-planned = planned
staffing-key-short = planned, too few (!)
staffing-key-needed = needed
staffing-hour = Hour
staffing-expected = Reports expected
staffing-expected-hint = Thefts, which go first, plus others. “—”: nobody said how many are planned.
staffing-needed = Needed
staffing-planned-many = Planned
staffing-kept = In time
staffing-wait = Mean wait
staffing-endless = without end
staffing-occupancy = Busy
staffing-too-few = too few
staffing-is-enough = enough
staffing-what-title = What if?
staffing-agents = Agents
staffing-minutes-field = Within minutes
staffing-share-field = Of a hundred
staffing-urgent-field = Thefts an hour
staffing-others-field = Others an hour
staffing-handling-field = Minutes each
staffing-reckon = Reckon
staffing-what-hint = What is left empty is as in the busiest of the next 24 hours.
staffing-what-bad = One of the fields is no number that can be reckoned with: agents 0 to 500, minutes 1 to 1440, of a hundred 1 to 99.9, reports 0 to 10,000.
staffing-minutes = { $n } min
staffing-plan-title = Plan shifts
staffing-days = Every week on
staffing-day-mon = Mon
staffing-day-tue = Tue
staffing-day-wed = Wed
staffing-day-thu = Thu
staffing-day-fri = Fri
staffing-day-sat = Sat
staffing-day-sun = Sun
staffing-date = Or on one date
staffing-from = From hour
staffing-to = To hour
staffing-plan-set = Put into the plan
staffing-plan-hint = A date goes before the week. Hours are 0 to 24; without a number of agents the hours are taken out of the plan.
staffing-planned = The plan is kept.
staffing-no-day = Choose a day of the week or a date.
staffing-bad-date = That is no date; it is written like 2026-12-24.
staffing-bad-hours = The hours are from 0 to 24, the first before the last.
staffing-bad-agents = The number of agents is 0 to 500.
staffing-week-title = The next seven days
staffing-week-lead = needed / planned
staffing-basis-title = On what this rests
staffing-basis-week = { $n ->
    [one] The reports of one week, by the hour of the week; recent ones count more.
   *[other] The reports of { $n } weeks, by the hour of the week; recent weeks count more.
  }
staffing-basis-day = Only { $n } days were counted so far: too short to tell the days of the week apart. Each day is taken as the mean of its hours.
staffing-basis-hours = Only { $n } hours were counted so far: too short to tell the hours apart. All are taken as their mean.
staffing-basis-nothing = No report was counted yet.
staffing-work-measured = A report keeps an agent for { $handling } minutes, { $writing } of them to the first answer: the mean of { $n } answered cases of the last eight weeks.
staffing-work-assumed = A report is assumed to keep an agent for { $handling } minutes, { $writing } of them to the first answer, until 20 answered cases are there to measure.
staffing-kind = Kind
staffing-cases = Cases
staffing-handling = Time each
staffing-writing = To the first answer
staffing-left-out = Reckoned by Erlang's formula, thefts first. Left out are people who give up waiting, illness and breaks, and reports that come in a burst when one attack hits many: plan for more than the least.
