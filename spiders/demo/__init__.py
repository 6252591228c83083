"""A small help centre that lives for three days, for the demo, the README and the tests.

texts/     what the articles say        edits.py   what changes from day to day
editions.py  its languages: English, and a few articles in Chinese
sections.py, articles.py, centre.py     the centre as it stands on a day
blocks.py, bodies.py                    one text -> its rich-text tree, its markup
skeleton.py, listing_pages.py, article_page.py, pages.py     the pages
server.py  serves them on loopback      days.py    the truth that a differ must find
"""
