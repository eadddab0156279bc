"""Which request is taken, and when. Views state by `view_needs` what they need of the server."""
