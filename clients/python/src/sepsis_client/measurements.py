"""The measurements that can be sent. Made by tools/measurements.py from the OpenAPI document; do not edit."""

from __future__ import annotations

from .quantity import Measurement, Question


class Measurements(Question):
    """What can be measured. A plain number is in the unit that is named here; None: not measured."""

    alkaline_phosphatase: Measurement = None
    """Alkaline phosphatase, in U/L"""
    ast: Measurement = None
    """Aspartate transaminase, in U/L"""
    base_excess: Measurement = None
    """Base excess, in mmol/L"""
    bicarbonate: Measurement = None
    """Bicarbonate, in mmol/L"""
    bilirubin_direct: Measurement = None
    """Bilirubin, direct, in mg/dL"""
    bilirubin_total: Measurement = None
    """Bilirubin, total, in mg/dL"""
    bun: Measurement = None
    """Blood urea nitrogen, in mg/dL"""
    calcium: Measurement = None
    """Calcium, total, in mg/dL"""
    chloride: Measurement = None
    """Chloride, in mmol/L"""
    creatinine: Measurement = None
    """Creatinine, in mg/dL"""
    diastolic_bp: Measurement = None
    """Diastolic blood pressure, in mm[Hg]"""
    etco2: Measurement = None
    """End-tidal carbon dioxide, in mm[Hg]"""
    fibrinogen: Measurement = None
    """Fibrinogen, in mg/dL"""
    fio2: Measurement = None
    """Fraction of inspired oxygen, in 1"""
    glucose: Measurement = None
    """Glucose, in mg/dL"""
    heart_rate: Measurement = None
    """Heart rate, in /min"""
    hematocrit: Measurement = None
    """Hematocrit, in %"""
    hemoglobin: Measurement = None
    """Hemoglobin, in g/dL"""
    lactate: Measurement = None
    """Lactate, in mmol/L"""
    magnesium: Measurement = None
    """Magnesium, in mg/dL"""
    mean_arterial_pressure: Measurement = None
    """Mean arterial pressure, in mm[Hg]"""
    paco2: Measurement = None
    """Arterial partial pressure of carbon dioxide, in mm[Hg]"""
    ph: Measurement = None
    """Arterial blood pH, in [pH]"""
    phosphate: Measurement = None
    """Phosphate, in mg/dL"""
    platelets: Measurement = None
    """Platelet count, in 10*3/uL"""
    potassium: Measurement = None
    """Potassium, in mmol/L"""
    ptt: Measurement = None
    """Partial thromboplastin time, in s"""
    respiratory_rate: Measurement = None
    """Respiratory rate, in /min"""
    sao2: Measurement = None
    """Arterial oxygen saturation, in %"""
    spo2: Measurement = None
    """Oxygen saturation by pulse oximetry, in %"""
    systolic_bp: Measurement = None
    """Systolic blood pressure, in mm[Hg]"""
    temperature: Measurement = None
    """Body temperature, in Cel"""
    troponin_i: Measurement = None
    """Troponin I, in ng/mL"""
    wbc: Measurement = None
    """Leukocyte count, in 10*3/uL"""
