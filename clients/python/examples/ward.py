"""A ward in a table: a row for each patient and hour, and back comes a row for each patient.

python examples/ward.py http://localhost:8080
"""

import sys

import pandas as pd

from sepsis_client import Client, frames

WARD = pd.DataFrame({
    "patient_id": ["bed 1", "bed 1", "bed 2", "bed 3"],
    "icu_hour": [1, 2, 9, 4],
    "age": [67, 67, 54, 71],
    "heart_rate": [97, 118, 74, 900],
    "temperature": [37.8, 38.9, 36.8, 37.0],
    "systolic_bp": [105, 88, 124, 118],
    "lactate": [None, 37, None, None],
})


def main(url: str) -> None:
    """Prints the ward, the highest risk first; bed 3 has a pulse that cannot be."""
    with Client(url) as client:
        answered = frames.predict(client, WARD, units={"lactate": "mg/dL"})
    columns = ["prediction", "probability", "risk_band", "reliability", "warnings", "news2", "problems"]
    print(answered.sort_values("probability", ascending=False)[columns].to_string())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
