FROM python:3.12
ENV A=b \
    PATH=/opt/tool/bin:$PATH
USER root
