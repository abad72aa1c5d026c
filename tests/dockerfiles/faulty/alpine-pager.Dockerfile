FROM alpine:3.20
ENV PATH=/opt/tool/bin:$PATH \
    PAGER=cat
