from dataclasses import dataclass
class Seen: pass
