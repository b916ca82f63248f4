"""PC環境設定ツール, the bridge's part: what keeps this computer from signing, what to do, and what can be repaired."""
