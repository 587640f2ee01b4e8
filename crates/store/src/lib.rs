//! The only crate that knows the database driver: pools, statements, migrations, the control database.
