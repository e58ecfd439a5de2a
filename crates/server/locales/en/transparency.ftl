# What is published of all cases, and packets for authorities.

transparency-title = What became of the reports
