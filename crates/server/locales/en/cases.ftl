# Reports, and the pages of those who made them.
