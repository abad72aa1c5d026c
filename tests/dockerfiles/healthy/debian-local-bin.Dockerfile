FROM python:3.12
RUN useradd -m ci
USER ci
ENV PATH=/home/ci/.local/bin:$PATH
RUN pip install --user poetry
