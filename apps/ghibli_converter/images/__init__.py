"""Pictures checked and encoded anew, in a process of its own. The door is `sanitizer`."""
