"""The organizations of the demo: a provider in the middle of its year, and a neighbour it must not see."""
