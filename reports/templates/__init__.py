"""The HTML report's page and style sheet; a package so that they are installed along."""
