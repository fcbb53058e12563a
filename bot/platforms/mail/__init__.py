"""Mail: readers write in to a mailbox of the desk's. Nothing in the mailbox is touched, and no address of theirs is kept."""
