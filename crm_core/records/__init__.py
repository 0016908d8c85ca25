"""What is stored: tables, engine, migrations, reading and writing."""
