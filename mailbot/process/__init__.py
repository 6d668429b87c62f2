"""Trade processes: rule files, forms, working time, and what happens next. Pure: no I/O, no clock, no log."""
