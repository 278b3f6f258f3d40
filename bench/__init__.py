"""Benchmarks. Figures that matter are ratios within one run: machines are shared and noisy."""
