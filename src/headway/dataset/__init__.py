"""A data release for others: which rows may go out, the files that describe them, and their check.

One module per idea, in the order in which a release is cut: ``rows`` decides what may be published,
``changes`` compares with an earlier release, ``content`` is all that the files are made from,
``attribution``, ``licences``, ``changelog`` and ``card`` are texts for people, ``croissant`` and
``datapackage`` are metadata for programs, ``folder`` puts them together, ``verify`` checks a folder,
``hub`` sends it to a Hugging Face dataset repository.
"""
