"""What is shipped for operators is checked with the tools that can: no container engine is needed."""
