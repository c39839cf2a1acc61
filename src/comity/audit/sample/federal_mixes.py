"""How often what stands in the federal detainer release: shares of blanks, and of values.

Blanks are those published for the release of 2026 (597,009 rows).  Of the values, "seen" marks those that follow
published counts; the rest are assumed.  docs/sample.md says which is which; a figure about people must never be drawn
from them.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "APPREHENSION_METHODS",
    "BLANK",
    "BOXES",
    "BOX_2",
    "CASE_CATEGORIES_FINAL",
    "CASE_CATEGORIES_OPEN",
    "CHARGES",
    "CRIMINALITY",
    "DEPARTED_STATUSES",
    "DETAINER_TYPES",
    "DISPOSITIONS",
    "EVER_BLANK",
    "FEDERAL_INTEREST",
    "FELON",
    "FEMALE_MALE",
    "LIFT_REASONS",
    "LIFT_REASON_CODES",
    "OPEN_STATUSES",
    "PRIORITIES",
    "PROGRAMMES",
    "SENTENCES",
    "THREAT_CONVICTED",
    "THREAT_OTHERS",
]

#: Shares of blank cells.  Columns of one entry are blank together, or one within the other.
BLANK: Final = {
    "facility_state": 0.001,
    "facility_aor": 0.199,
    "port_of_departure": 0.694,
    "departure_country": 0.694,
    "departed_date": 0.693,
    "case_status": 0.493,
    "facility_city": 0.001,
    "detainer_prep_threat_level": 0.068,
    "entry_status": 0.236,
    "most_serious_conviction_charge": 0.721,
    "msc_sentence_days": 0.910,
    "msc_sentence_months": 0.934,
    "msc_sentence_years": 0.932,
    "msc_charge_code": 0.721,
    "msc_charge_date": 0.721,
    "msc_conviction_date": 0.721,
    "felon": 0.001,
    "case_category": 0.493,
    "arrest_time_case_category": 0.857,
    "arrest_time_current_program": 0.751,
    "apprehension_method": 0.750,
    "final_order_yes_no": 0.493,
    "final_order_date": 0.685,
    "apprehension_date": 0.750,
    "entry_date": 0.867,
    "prior_felony_yes_no": 0.636,
    "multiple_prior_misd_yes_no": 0.705,
    "violent_misdemeanor_yes_no": 0.635,
    "illegal_reentry_yes_no": 0.719,
    "significant_risk_yes_no": 0.719,
    "criminal_street_gang_yes_no": 0.719,
    "aggravated_felony_yes_no": 0.689,
    "deportation_ordered_yes_no": 0.196,
    "order_show_cause_served_yes_no": 0.196,
    "biometric_match_yes_no": 0.196,
    "statements_made_yes_no": 0.196,
    "federal_interest_yes_no": 0.426,
    "detainer_lift_reason": 0.334,
    "detainer_lift_reason_code": 0.334,
    "tod_current_duty_site": 0.001,
    "unique_identifier": 0.125,
    "duplicate_likely": 0.125,
}

#: Columns of the layout in which nothing stands.
EVER_BLANK: Final = (
    "illegal_entry_yes_no",
    "immigration_fraud_yes_no",
    "other_removal_reason_yes_no",
    "unlawful_attempt_yes_no",
    "unlawful_entry_yes_no",
    "visa_yes_no",
    "active_investigation_yes_no",
    "notify_release_request_yes_no",
)

CRIMINALITY: Final = {
    "1 Convicted Criminal": 45.0,
    "2 Pending Criminal Charges": 40.0,
    "3 Other Immigration Violator": 15.0,
}
FEMALE_MALE: Final = {"Male": 92.0, "Female": 7.9, "Unknown": 0.1}
THREAT_CONVICTED: Final = {"1": 45.0, "2": 25.0, "3": 30.0}
THREAT_OTHERS: Final = {"1": 15.0, "2": 20.0, "3": 65.0}

#: Most serious conviction: name and NCIC code (or the agency's own) -> thousands of detention stints, seen; the last
#: nine are assumed.
CHARGES: Final = {
    ("Driving Under Influence Liquor", "5404"): 106.8,
    ("Illegal Entry (INA SEC.101(a)(43)(O), 8USC1325 only)", "0301"): 67.4,
    ("Assault", "1399"): 55.6,
    ("Traffic Offense", "5499"): 50.7,
    ("Illegal Re-Entry (INA SEC.101(a)(43)(O), 8USC1326 only)", "0399"): 42.8,
    ("Drug Trafficking", "35AB"): 25.8,
    ("Larceny", "2399"): 23.6,
    ("Burglary", "2299"): 18.5,
    ("Dangerous Drugs", "3599"): 17.8,
    ("Domestic Violence", "13AB"): 17.8,
    ("Sex Assault", "1199"): 17.0,
    ("Resisting Officer", "4801"): 13.5,
    ("Smuggling Aliens", "0303"): 12.9,
    ("Aggravated Assault - Weapon", "1315"): 12.9,
    ("Trespassing", "5707"): 12.2,
    ("Robbery", "1299"): 10.3,
    ("Drug Possession", "35AA"): 10.0,
    ("Sex Offense", "3699"): 8.0,
    ("Carrying Prohibited Weapon", "5203"): 8.0,
    ("Fraud", "2699"): 6.0,
    ("Forgery", "2589"): 4.0,
    ("Identity Theft", "70AA"): 4.0,
    ("Probation Violation", "5012"): 4.0,
    ("Homicide", "0999"): 3.0,
    ("Kidnapping", "1099"): 2.0,
}
#: Unit of the sentence -> the longest that is drawn.
SENTENCES: Final = {"days": 364, "months": 180, "years": 25}
FELON: Final = {  # the first three seen
    "Not an Aggravated Felon": 97.0,
    "Other": 2.0,
    "Drugs": 1.0,
    "Both (drug and other agg felon convictions)": 0.05,
}
DISPOSITIONS: Final = {
    "Detainer": 45.0,
    "Warrant of Arrest/Notice to Appear": 25.0,
    "Other": 12.0,
    "REINSTATEMENT OF DEPORT ORDER I-871": 8.0,
    "Expedited Removal (I-860)": 6.0,
    "ADMINISTRATIVE DEPORTATION I-851/I-851A": 4.0,
}

DEPARTED_STATUSES: Final = {
    "8-Excluded/Deported/Removed": 40.0,
    "6-Deported/Removed - Deportability": 38.0,
    "3-Voluntary Departure Confirmed": 9.0,
    "8-Excluded/Removed - Inadmissibility": 7.0,
    "9-VR Witnessed": 5.0,
    "0-Withdrawal Permitted - I-275 Issued": 0.8,
    "5-Title 50 Expulsion": 0.2,
}
OPEN_STATUSES: Final = {
    "ACTIVE": 91.0,
    "A-Proceedings Terminated": 4.0,
    "B-Relief Granted": 2.5,
    "E-Charging Document Canceled by ICE": 1.5,
    "10-USC Prosecution Case Closed": 0.5,
    "7-Died": 0.3,
    "L-Legalization - Permanent Residence Granted": 0.1,
    "Z-SAW - Permanent Residence Granted": 0.1,
}
CASE_CATEGORIES_FINAL: Final = {
    "[16] Reinstated Final Order": 34.0,
    "[3] Deportable - Administratively Final Order": 32.0,
    "[8C] Excludable / Inadmissible - Administrative Final Order Issued": 20.0,
    "[5B] Removable - ICE Fugitive": 5.0,
    "[8E] Inadmissible - ICE Fugitive": 3.0,
    "[8I] Inadmissible - ICE Fugitive - Expedited Removal": 3.0,
    "[5F] Unable to Obtain Travel Document": 2.0,
    "[5D] Final Order of Deportation / Removal - Deferred Action Granted": 1.0,
}
CASE_CATEGORIES_OPEN: Final = {
    "[2A] Deportable - Under Adjudication by IJ": 30.0,
    "[8B] Excludable / Inadmissible - Under Adjudication by IJ": 24.0,
    "[8A] Excludable / Inadmissible - Hearing Not Commenced": 10.0,
    "[11] Administrative Deportation / Removal": 9.0,
    "[8F] Expedited Removal": 7.0,
    "[9] VR Under Safeguards": 5.0,
    "[8G] Expedited Removal - Credible Fear Referral": 4.0,
    "[2B] Deportable - Under Adjudication by BIA": 3.0,
    "[8D] Excludable / Inadmissible - Under Adjudication by BIA": 2.0,
    "[17] USC Prosecution Case": 2.0,
    "[5C] Relief Granted - Withholding of Deportation / Removal": 1.0,
    "[1A] Voluntary Departure - Un-Expired and Un-Extended Departure Period": 1.0,
    "[10] Visa Waiver Deportation / Removal": 0.7,
    "[5A] Referred for Investigation - No Show for Hearing - No Final Order": 0.4,
    "[8K] Expedited Removal Terminated due to Credible Fear Finding / NTA Issued": 0.3,
    "[12] Judicial Deportation / Removal": 0.2,
    "[8H] Expedited Removal - Status Claim Referral": 0.2,
    "[H] Historical Category For Migration Only": 0.2,
}
PROGRAMMES: Final = {"ERO Criminal Alien Program": 90.0, "Non-Detained Docket Control": 6.0, "Border Patrol": 4.0}
APPREHENSION_METHODS: Final = {
    "CAP Local Incarceration": 62.0,
    "CAP State Incarceration": 10.0,
    "CAP Federal Incarceration": 7.0,
    "287(g) Program": 9.0,
    "Custodial Arrest": 6.0,
    "Non-Custodial Arrest": 2.0,
    "Located": 3.0,
    "Inspections": 1.0,
}

#: Boxes of old enforcement priorities, the least often blank first: where one is filled, those before it are too.
#: Column -> share of YES.
PRIORITIES: Final = {
    "violent_misdemeanor_yes_no": 0.12,
    "prior_felony_yes_no": 0.22,
    "aggravated_felony_yes_no": 0.18,
    "multiple_prior_misd_yes_no": 0.12,
    "illegal_reentry_yes_no": 0.14,
    "significant_risk_yes_no": 0.08,
    "criminal_street_gang_yes_no": 0.02,
}
#: The four boxes of probable cause -> share of YES; the last is ticked where no other is.
BOXES: Final = {
    "deportation_ordered_yes_no": 0.25,
    "order_show_cause_served_yes_no": 0.12,
    "biometric_match_yes_no": 0.60,
    "statements_made_yes_no": 0.35,
}
BOX_2: Final = 0.02
FEDERAL_INTEREST: Final = 0.95

#: Outcomes of 572 lifted detainers of winter 2025-26 in one state: declined 292, booked 152, no longer there 58, seen;
#: 70 others, spread by assumption.
LIFT_REASONS: Final = {
    "Detainer Declined by LEA": 292.0,
    "Booked into Detention": 152.0,
    "No longer in State, Local, or Federal Custody": 58.0,
    "Prosecutorial Discretion": 20.0,
    "Case Closed": 14.0,
    "Not Amenable to Removal": 12.0,
    "Noncitizen Not Amenable to Removal": 9.0,
    "USC or Presumptive Claim to US Citizenship": 7.0,
    "Early Release": 5.0,
    "Judicial Review": 3.0,
}
#: The first two seen; the others are made up, which the two letters show.
LIFT_REASON_CODES: Final = ("A", "B", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8")

#: First day of use -> forms of that time.  The exact words of the I-247X and I-247G in releases were not seen.
DETAINER_TYPES: Final = {
    "1900-01-01": {"I247 - Immigration Detainer - Notice of Action (prior to March 2013)": 1.0},
    "2013-03-01": {"I247 - Immigration Detainer - Notice of Action (as of March 2013)": 1.0},
    "2015-06-12": {
        "I247D - Immigration Detainer - Request for Action": 48.0,
        "I247N - Immigration Advisal - Request for Notification": 44.0,
        "I247X - Request for Voluntary Transfer": 8.0,
    },
    "2017-04-02": {"I247A - Immigration Detainer - Immigration Detainer - Notice of Action": 1.0},
    "2025-05-01": {
        "I247A - Immigration Detainer - Immigration Detainer - Notice of Action": 50.0,
        "I247A - Immigration Detainer - Notice of Action (as of May 2025)": 50.0,
    },
}
