"""Any input at every door where strangers' or admins' words come in: `make fuzz`, and a short part in every run."""
