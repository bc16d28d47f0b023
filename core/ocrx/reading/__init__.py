"""From pictures to pages: a reader's components, its stages and its stream."""
