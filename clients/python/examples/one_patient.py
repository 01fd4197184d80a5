"""One patient, now and hour by hour.

python examples/one_patient.py http://localhost:8080
"""

import sys

from sepsis_client import Client, InvalidPatient, Observation, Patient, Quantity


def main(url: str) -> None:
    """Asks three times: now only, with a history, and with a mistake."""
    with Client(url) as client:
        now = client.predict(Patient(
            age=67, sex="female", icu_hour=30, heart_rate=118, temperature=38.9, respiratory_rate=26,
            systolic_bp=88, mean_arterial_pressure=61, lactate=Quantity(value=37, unit="mg/dL"), wbc=16.4,
        ))
        print(f"{now.prediction}: {now.probability:.1%}, to be trusted: {now.reliability.level}")

        for part in now.explanation[:3]:
            print(f"{part.name}: {part.contribution:+.2f}")

        course = client.predict(Patient(age=54, observations=[
            Observation(icu_hour=1, heart_rate=74, temperature=36.8, systolic_bp=124),
            Observation(icu_hour=2, heart_rate=96, temperature=37.9, systolic_bp=110),
            Observation(icu_hour=3, heart_rate=115, temperature=38.6, systolic_bp=92),
        ]), trajectory=True)
        for moment in course.trajectory:
            print(f"hour {moment.icu_hour}: {moment.probability:.1%} {moment.risk_band}")

        try:
            client.predict(Patient(age=54, temperature=101.3))
        except InvalidPatient as refused:
            for problem in refused.problems:
                print(problem)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
