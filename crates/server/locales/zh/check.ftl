# The check page and its answers.
