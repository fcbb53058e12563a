"""What can be typed: verbs, arguments, options and their help. Imports nothing heavy; a verb imports its work when it runs."""
