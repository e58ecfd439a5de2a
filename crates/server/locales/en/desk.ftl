# The desk: the queue, the page of a case, who is on duty.

desk-title = Cases
