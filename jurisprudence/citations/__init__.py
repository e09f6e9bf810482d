"""Citations in Portuguese legal text: found, looked up, judged.

citations = find(text)  # finding: text only
looked = look_up(citations)  # looking_up: two queries, whatever the length
looked = with_courts(looked, citations)  # if courts are to be asked; hold no connection meanwhile
judged = judge(citations, looked)  # judging: a verdict, a reason and a source for each
"""
