"""What the tests of this plugin share."""
