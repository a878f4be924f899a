"""`bymax-auth doctor`: asks a deployed application for the faults that front ends have."""
