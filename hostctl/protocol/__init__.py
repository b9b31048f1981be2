"""The device protocol: frames, reliability and messages, as `firmware/protocol/SPEC.md` says."""
