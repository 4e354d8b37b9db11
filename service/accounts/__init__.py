"""Units, people, their devices and sign-ins: who is who, who sees what, and who may come in."""
