"""What an editor asks of the rules beside judging: explain, what if, how they fared, and small edits of a rule file."""
