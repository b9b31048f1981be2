"""What a network's work on an emulated board is made of: instructions and cycles by layer and phase."""

from hostctl.profile.measure import LayerWork, Profile, profile
from hostctl.profile.text import profile_json, profile_text
from hostctl.transport.counting import check_can_count

__all__ = ["LayerWork", "Profile", "check_can_count", "profile", "profile_json", "profile_text"]
