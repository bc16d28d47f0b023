"""Where pictures come from: a folder, a camera or a video."""
