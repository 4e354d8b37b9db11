"""竞赛榜: units side by side by rules that are set before, frozen with their inputs, appealed against, then published."""
