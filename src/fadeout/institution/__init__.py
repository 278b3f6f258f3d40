"""The house itself: name, time zone, currency; its policy, version by version; its operators."""
