"""What speaks for and against a record, who reviews it, and which records an inspector looks at again."""
