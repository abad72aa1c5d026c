FROM maven:3.9-eclipse-temurin-21
ENV PATH=$PATH:/opt/tool/bin
