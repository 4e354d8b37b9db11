"""One module for each type of row that phones pull; `listed` names them all."""
