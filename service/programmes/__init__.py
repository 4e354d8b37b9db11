"""Visiting programmes (千百工程): their lines, rules, targets and target lists."""
