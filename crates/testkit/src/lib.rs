//! For tests: a whole server on a database of its own, typed users, fail points, a proxy that cuts connections.
