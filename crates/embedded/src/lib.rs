//! The private PostgreSQL: finds the server, makes the cluster, runs it under a guardian, lets nothing outlive the program.
