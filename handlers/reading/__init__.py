"""What a rule's `read` brings into the question: ranges of sheets, new files of folders, answers of other rules."""
