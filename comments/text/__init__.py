"""What words, names and colours may be, and the form in which they are kept: functions that know no model.

Imports nothing of ours but `errors`. Begin with `cleaning.py`: a rule about what may come in at all is made there.
"""
