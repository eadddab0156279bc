"""What a model is sent.

`builder` chooses what fits, `model_selection` which model is asked, `system_prompt` what it is told
first.
"""
