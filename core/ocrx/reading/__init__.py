"""From pictures to pages: the components of a reader, the stages, the stream."""
