"""What every room stands on: settings, paths, errors, SQL files, the database, the catalogue."""
