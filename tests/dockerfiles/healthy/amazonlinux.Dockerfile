FROM amazonlinux:2023
ENV PATH=/opt/tool/bin:$PATH
