# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # The first parent order
#
# A simulated market day, one parent worked by TWAP, and what it cost. Runs as a script, or as a notebook by jupytext.

# %%
import sys
import tempfile
from datetime import date
from pathlib import Path

from nautilus_exec import Twap, run_backtest
from nautilus_exec.nautilus.catalog import Catalog, CatalogMarket
from nautilus_exec.nautilus.importers.demo import import_demo
from nautilus_exec.tca.analysis import analyse
from nautilus_exec.tca.load import load_run
from nautilus_exec.tca.market import Scope, market_of

folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())

# %% [markdown]
# The same seed always makes the same day.

# %%
report = import_demo(folder / "catalog", seed=7, days=1, until=date(2025, 6, 13), progress=lambda *_: None)

# %% [markdown]
# Parameters are text on the order; `params()` writes only what differs from the default.

# %%
params = Twap(
    duration="1h", interval="60s", style="passive_then_cross", end_behavior="complete_hard"
).params()
written = "\n".join(f'{name} = "{value}"' for name, value in params.items())
run_file = folder / "first.toml"
run_file.write_text(f"""
catalog = "{folder / "catalog"}"

[[parents]]
instrument = "DEMO.NYSE"
side = "BUY"
quantity = 5000
arrival = "2025-06-13T10:00:00-04:00"
algorithm = "TWAP"

[parents.params]
{written}
""")
outcome = run_backtest(run_file, folder / "OUT")
parent = outcome.parents[0]
print(parent.status, parent.reason, f"{parent.filled} of {parent.quantity} at {parent.avg_px:.4f}")

# %% [markdown]
# Positive is a cost. The shortfall's parts add up to it; the analysis checks that, and raises where they do not.

# %%
source = CatalogMarket(Catalog(folder / "catalog"))
costs = analyse(load_run(outcome.folder), market_of(source, ["DEMO.NYSE"], Scope.CONSOLIDATED)).parents
columns = [
    "shortfall_bps",
    "delay_bps",
    "spread_bps",
    "drift_bps",
    "explicit_bps",
    "vwap_horizon_slippage_bps",
]
print(costs.select(columns))
