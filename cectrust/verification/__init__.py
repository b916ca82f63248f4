"""Having any PDF judged, by whoever is signed in."""
