"""Ketamine beside an SSRI on one clock: when is which the lower one, and how far beyond its own control?"""

import remit
from remit.answers.question import HowFast

answer = remit.versus(HowFast())
ssri = next(row for row in answer.detail["treatments"] if row["name"] == "ssri")
for look in ssri["at"]:
    print(
        f"{look['time_h'] / 24:5.0f} d: ketamine {look['difference']:+.1f} points "
        f"({look['difference_low']:+.1f} to {look['difference_high']:+.1f}) from the SSRI"
    )
for name, held in (("ketamine", answer.detail["ketamine"]), ("SSRI", ssri)):
    day, eight = held["beyond_control"][0], held["beyond_control"][-1]
    print(f"{name} beyond its control: {day['total']:+.1f} at one day, {eight['total']:+.1f} at eight weeks")
print(answer.sentence)
